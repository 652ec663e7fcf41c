"""Real Odoo instances on three servers of the lab, reached over SSH, are created, stopped, started, restarted and
removed while something breaks. After each round everything must have converged, and database and hosts must agree.

__main__.py       what `make chaos` runs: arguments, rounds, the table at the end
schedule.py       which fault and which operations a round has, from its seed alone
round.py          one round, from its beginning to its audit
faults/           what breaks, a module for each row or group of rows
testbed.py        servers, database and the two processes, made and removed
population.py     the instances that live from round to round, and the operations on them
recorder.py       what the engines did with containers meanwhile
proxy.py          stands between the control plane and a server's sshd
disks.py          small disks that can be filled
audit.py          whether database and hosts agree
table.py          what came of it

Whatever Tests/EndToEnd has (control plane, servers, database, engines, waiting) is used from there. ODEUM_BIN names the
folder of the programs (default .build/debug).
"""
