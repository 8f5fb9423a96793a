resource "google_project_iam_member" "analysts" {
  project = var.project_id
  role    = "roles/editor"
  member  = "allAuthenticatedUsers"
}
