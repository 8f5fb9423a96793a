variable "db_password" {
  type      = string
  sensitive = true
}

resource "aws_db_instance" "billing" {
  identifier          = "billing"
  engine              = "mysql"
  engine_version      = "8.0"
  instance_class      = "db.t4g.medium"
  allocated_storage   = 50
  username            = "billing"
  password            = var.db_password
  storage_encrypted   = true
  skip_final_snapshot = false
}
