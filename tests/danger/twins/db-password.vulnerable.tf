resource "aws_db_instance" "billing" {
  identifier          = "billing"
  engine              = "mysql"
  engine_version      = "8.0"
  instance_class      = "db.t4g.medium"
  allocated_storage   = 50
  username            = "billing"
  password            = "Kx7!pVq2mZr9wTb4"
  storage_encrypted   = true
  skip_final_snapshot = false
}
