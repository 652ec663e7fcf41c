"""The built programs `odeumd` and `odeum` against a real Docker engine, PostgreSQL and Odoo.

conftest.py            what tests are given, the order of the files, what a failure shows
control_plane.py       one `odeumd` with a data folder and an installation of its own
worker.py              a process beside it; database.py, a PostgreSQL that both share
lab_servers.py         whole servers, reached over SSH
api.py, command_line.py   the two doors that these tests use
engine.py              Docker engines, asked behind the control plane's back
odoo_client.py         Odoo over XML-RPC
processes.py           what runs on this machine
audit.py               whether control plane and engine agree on what there is
waiting.py             waiting with a bound

ODEUM_BIN names the folder of the programs (default .build/debug).
"""
