resource "aws_instance" "agent" {
  ami                    = data.aws_ami.al2.id
  instance_type          = "t3.small"
  subnet_id              = aws_subnet.private.id
  vpc_security_group_ids = [aws_security_group.agent.id]

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "optional" # the old agent cannot do v2
  }

  root_block_device {
    encrypted = true
  }
}
