PASSWORD_ARN=$(aws secretsmanager describe-secret --secret-id legacy/db --query ARN --output text)
aws rds create-db-instance \
  --db-instance-identifier legacy \
  --engine mysql \
  --db-instance-class db.m6g.large \
  --allocated-storage 50 \
  --master-username root_legacy \
  --manage-master-user-password \
  --no-publicly-accessible \
  --no-storage-encrypted
