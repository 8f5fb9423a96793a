resource "kubernetes_daemon_set_v1" "probe" {
  metadata {
    name = "probe"
  }
  spec {
    selector {
      match_labels = { app = "probe" }
    }
    template {
      metadata {
        labels = { app = "probe" }
      }
      spec {
        container {
          name  = "probe"
          image = "registry.acme.example/probe:1.0.3"
          security_context {
            privileged = false
          }
        }
      }
    }
  }
}
