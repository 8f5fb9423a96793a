resource "google_sql_database_instance" "crm" {
  name             = "crm"
  database_version = "POSTGRES_16"
  region           = "europe-west1"

  settings {
    tier = "db-custom-2-7680"
    ip_configuration {
      ipv4_enabled = true
      ssl_mode     = "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"
      authorized_networks {
        name  = "office"
        value = "0.0.0.0/0"
      }
    }
  }
}
