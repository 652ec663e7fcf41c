#!/usr/bin/python3
"""Waits until PostgreSQL lets this user in, so that Odoo does not start into nothing."""

import argparse
import sys
import time

import psycopg2

parser = argparse.ArgumentParser()
parser.add_argument("--db_host", required=True)
parser.add_argument("--db_port", required=True)
parser.add_argument("--db_user", required=True)
parser.add_argument("--db_password", required=True)
parser.add_argument("--timeout", type=int, default=5, help="seconds")
arguments = parser.parse_args()

deadline = time.monotonic() + arguments.timeout
while True:
    try:
        psycopg2.connect(
            host=arguments.db_host,
            port=arguments.db_port,
            user=arguments.db_user,
            password=arguments.db_password,
            dbname="postgres",
            connect_timeout=5,
        ).close()
        break
    except psycopg2.OperationalError as error:
        if time.monotonic() >= deadline:
            print(f"Database connection failure: {error}", file=sys.stderr)
            sys.exit(1)
        time.sleep(0.25)
