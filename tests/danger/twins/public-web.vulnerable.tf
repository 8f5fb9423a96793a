resource "aws_security_group" "edge" {
  name        = "edge"
  description = "Public entry"
  vpc_id      = var.vpc_id

  ingress {
    description      = "entry"
    from_port        = 0
    to_port          = 65535
    protocol         = "tcp"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
