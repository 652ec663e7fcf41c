#!/bin/bash
# Starts Odoo as the official image does: the database comes from HOST, PORT, USER and PASSWORD (or PASSWORD_FILE),
# unless the configuration file names it; Odoo starts when PostgreSQL answers.
set -euo pipefail

if [[ -n ${PASSWORD_FILE:-} ]]; then
  PASSWORD=$(<"$PASSWORD_FILE")
fi
# PostgreSQL's own variables come last; from 19 on Odoo reads them itself, and then they come first.
host=${HOST:-${DB_PORT_5432_TCP_ADDR:-${PGHOST:-db}}}
port=${PORT:-${DB_PORT_5432_TCP_PORT:-${PGPORT:-5432}}}
user=${USER:-${DB_ENV_POSTGRES_USER:-${POSTGRES_USER:-${PGUSER:-odoo}}}}
password=${PASSWORD:-${DB_ENV_POSTGRES_PASSWORD:-${POSTGRES_PASSWORD:-${PGPASSWORD:-odoo}}}}

# The value of a key in the configuration file; fails if the file does not have the key.
configured() {
  sed -n -E "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*(.*[^[:space:]])[[:space:]]*\$/\1/p" "$ODOO_RC" 2>/dev/null |
    tail -n 1 | grep .
}

odoo_arguments=()
wait_arguments=()

# database KEY VALUE PGNAME: Odoo gets the value as an argument, unless it finds one by itself.
database() {
  local key=$1 value=$2 standard=${!3:-} in_file
  if ((${ODOO_VERSION%%.*} >= 19)) && [[ -n $standard ]]; then
    value=$standard
  elif in_file=$(configured "$key"); then
    value=$in_file
  else
    odoo_arguments+=("--$key" "$value")
  fi
  wait_arguments+=("--$key" "$value")
}
database db_host "$host" PGHOST
database db_port "$port" PGPORT
database db_user "$user" PGUSER
database db_password "$password" PGPASSWORD

case ${1:-} in
  -- | odoo)
    shift
    if [[ ${1:-} == scaffold ]]; then
      exec odoo "$@"
    fi
    wait-for-psql.py "${wait_arguments[@]}" --timeout 30
    exec odoo "$@" ${odoo_arguments[@]+"${odoo_arguments[@]}"}
    ;;
  -*)
    wait-for-psql.py "${wait_arguments[@]}" --timeout 30
    exec odoo "$@" ${odoo_arguments[@]+"${odoo_arguments[@]}"}
    ;;
  *)
    exec "$@"
    ;;
esac
