provider "vault" {
  address         = "https://vault.acme.example:8200"
  ca_cert_file    = "/etc/ssl/certs/acme-root.pem"
}

data "vault_kv_secret_v2" "app" {
  mount = "kv"
  name  = "app"
}
