provider "vault" {
  address         = "https://vault.acme.example:8200"
  skip_tls_verify = true
}

data "vault_kv_secret_v2" "app" {
  mount = "kv"
  name  = "app"
}
