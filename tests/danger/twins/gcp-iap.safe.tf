resource "google_compute_firewall" "admin" {
  name      = "admin"
  network   = google_compute_network.prod.name
  direction = "INGRESS"

  allow {
    protocol = "tcp"
    ports    = ["22", "3389"]
  }

  source_ranges = ["35.235.240.0/20"]
  target_tags   = ["jump"]
}
