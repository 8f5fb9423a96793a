locals {
  operators = ["0.0.0.0/0"]
  ports     = { rdp = 3389, web = 443 }
}

resource "aws_security_group" "jump" {
  name   = "jump"
  vpc_id = var.vpc_id

  dynamic "ingress" {
    for_each = local.ports
    content {
      description = ingress.key
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = local.operators
    }
  }
}
