# let the bucket call the thumbnailer
aws lambda add-permission \
  --function-name thumbnailer \
  --statement-id s3-invoke \
  --action lambda:InvokeFunction \
  --principal s3.amazonaws.com \
  --source-arn arn:aws:s3:::acme-uploads \
  --source-account 111122223333
