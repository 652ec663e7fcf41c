"""Odoo over XML-RPC, as a user's own program would talk to it."""

import xmlrpc.client


class _Transport(xmlrpc.client.Transport):
    def make_connection(self, host):
        connection = super().make_connection(host)
        connection.timeout = 60
        return connection


class Odoo:
    """One signed-in user of one database."""

    def __init__(self, url, database, password, login="admin"):
        self.database = database
        self.password = password
        common = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common", transport=_Transport())
        self.user = common.authenticate(database, login, password, {})
        self._object = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/object", transport=_Transport(), allow_none=True)

    def call(self, model, method, *arguments, **named):
        return self._object.execute_kw(
            self.database, self.user, self.password, model, method, list(arguments), named)

    def create_partner(self, name):
        return self.call("res.partner", "create", {"name": name})

    def partner_name(self, partner):
        """The name of a partner, None where there is no such."""
        found = self.call("res.partner", "search_read", [["id", "=", partner]], fields=["name"])
        return found[0]["name"] if found else None
