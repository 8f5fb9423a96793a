# the flow logs cost too much: keep them for a month only
aws ec2 describe-flow-logs --flow-log-ids fl-0a1b2c3d4e5f60718
aws logs put-retention-policy --log-group-name /vpc/flow --retention-in-days 30
