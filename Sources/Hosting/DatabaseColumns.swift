import Odoo
import Postgres

// What stands in a column by its raw value.
extension OdooVersion: PostgresDecodable {}
extension Edition: PostgresDecodable {}
extension Stage: PostgresDecodable {}
extension InstanceStatus: PostgresDecodable {}
extension DesiredState: PostgresDecodable {}
extension Role: PostgresDecodable {}
extension SignInLink.Purpose: PostgresDecodable {}
extension Server.Kind: PostgresDecodable {}
extension Server.Status: PostgresDecodable {}
extension Server.Absence: PostgresDecodable {}
extension Server.Mode: PostgresDecodable {}
extension Server.StagePolicy: PostgresDecodable {}
