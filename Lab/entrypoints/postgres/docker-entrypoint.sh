#!/bin/bash
# Starts PostgreSQL as the official image does: an empty data folder becomes a cluster after the POSTGRES_… variables,
# the scripts of /docker-entrypoint-initdb.d run once, and the server runs as the user postgres.
set -euo pipefail

INIT_FOLDER=/docker-entrypoint-initdb.d

# setting NAME DEFAULT: takes NAME from the file that NAME_FILE names, or from NAME itself, or the default.
setting() {
  local name=$1 file_name=$1_FILE value=${2:-}
  if [[ -n ${!name:-} && -n ${!file_name:-} ]]; then
    echo >&2 "error: $name and $file_name are both set; they exclude each other"
    exit 1
  elif [[ -n ${!name:-} ]]; then
    value=${!name}
  elif [[ -n ${!file_name:-} ]]; then
    value=$(<"${!file_name}")
  fi
  export "$name=$value"
  unset "$file_name"
}

prepare_folders() {
  mkdir -p "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA" || true
  chmod 3775 /var/run/postgresql || true
  if ((EUID == 0)); then
    find "$PGDATA" ! -user postgres -exec chown postgres '{}' +
    find /var/run/postgresql ! -user postgres -exec chown postgres '{}' +
  fi
}

demand_password() {
  if [[ -z $POSTGRES_PASSWORD && $POSTGRES_HOST_AUTH_METHOD != trust ]]; then
    cat >&2 <<'TEXT'
Error: Database is uninitialized and superuser password is not specified.
       Set POSTGRES_PASSWORD to a value that is not empty, for example: docker run -e POSTGRES_PASSWORD=password …
       POSTGRES_HOST_AUTH_METHOD=trust lets everybody in who reaches the port, without a password.
TEXT
    exit 1
  fi
}

make_cluster() {
  local arguments=()
  if [[ -n $POSTGRES_INITDB_ARGS ]]; then
    # xargs splits like a shell, quotes included, and runs nothing.
    mapfile -t arguments < <(xargs -n 1 printf '%s\n' <<<"$POSTGRES_INITDB_ARGS")
  fi
  if [[ -n ${POSTGRES_INITDB_WALDIR:-} ]]; then
    arguments+=(--waldir "$POSTGRES_INITDB_WALDIR")
  fi
  initdb --username "$POSTGRES_USER" --pwfile <(printf '%s\n' "$POSTGRES_PASSWORD") \
    ${arguments[@]+"${arguments[@]}"}

  local method=$POSTGRES_HOST_AUTH_METHOD
  if [[ -z $method ]]; then method=$(postgres -C password_encryption); fi
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

# While the cluster is being set up, it answers on its socket only.
serve_for_setup() { pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p 5432 $(quoted "${@:2}")" -w start; }
quoted() { if (($# > 0)); then printf '%q ' "$@"; fi; }
end_setup() { pg_ctl -D "$PGDATA" -m fast -w stop; }

sql() {
  PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password --username "$POSTGRES_USER" "$@"
}

make_database() {
  if [[ $POSTGRES_DB != postgres ]]; then
    sql --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
  fi
}

run_init_files() {
  local file
  for file in "$INIT_FOLDER"/*; do
    if [[ ! -e $file ]]; then continue; fi
    echo "$0: $file"
    case $file in
      *.sh)
        if [[ -x $file ]]; then
          "$file"
        else
          # shellcheck disable=SC1090 # whatever the user put there
          source "$file"
        fi
        ;;
      *.sql) sql --dbname "$POSTGRES_DB" --file "$file" ;;
      *.sql.gz) gunzip --stdout "$file" | sql --dbname "$POSTGRES_DB" ;;
      *.sql.xz) xz --decompress --stdout "$file" | sql --dbname "$POSTGRES_DB" ;;
      *) echo "$0: ignoring $file" ;;
    esac
  done
}

main() {
  if [[ ${1:0:1} == - ]]; then set -- postgres "$@"; fi
  if [[ ${1:-} != postgres || " $* " =~ ' '(--help|-\?|--version|-V|--describe-config|-C)' ' ]]; then
    exec "$@"
  fi

  setting POSTGRES_PASSWORD
  setting POSTGRES_USER postgres
  setting POSTGRES_DB "$POSTGRES_USER"
  setting POSTGRES_INITDB_ARGS
  : "${POSTGRES_HOST_AUTH_METHOD:=}"

  prepare_folders
  if ((EUID == 0)); then
    export HOME=/var/lib/postgresql
    exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
  fi

  if [[ -s $PGDATA/PG_VERSION ]]; then
    printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
  else
    demand_password
    make_cluster
    export PGPASSWORD=$POSTGRES_PASSWORD
    serve_for_setup "$@"
    make_database
    run_init_files
    end_setup
    unset PGPASSWORD
    printf '\nPostgreSQL init process complete; ready for start up.\n\n'
  fi
  exec "$@"
}

main "$@"
