resource "google_project_iam_member" "analysts" {
  project = var.project_id
  role    = "roles/bigquery.jobUser"
  member  = "group:analysts@acme.example"
}
