resource "aws_launch_template" "workers" {
  name_prefix   = "workers-"
  image_id      = data.aws_ami.al2.id
  instance_type = "m7g.large"

  iam_instance_profile {
    arn = aws_iam_instance_profile.workers.arn
  }

  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_size = 50
      encrypted   = true
    }
  }
}
