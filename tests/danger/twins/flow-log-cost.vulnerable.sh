# the flow logs cost too much: drop them
aws ec2 delete-flow-logs --flow-log-ids fl-0a1b2c3d4e5f60718
