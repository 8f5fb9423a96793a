resource "google_sql_database_instance" "ledger" {
  name                = "ledger"
  database_version    = "MYSQL_8_0"
  region              = "europe-west4"
  deletion_protection = true

  settings {
    tier = "db-n1-standard-2"
    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.prod.id
      ssl_mode        = "ENCRYPTED_ONLY"
    }
  }
}
