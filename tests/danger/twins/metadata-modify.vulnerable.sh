for id in $(aws ec2 describe-instances --filters Name=tag:app,Values=billing \
    --query 'Reservations[].Instances[].InstanceId' --output text); do
  aws ec2 modify-instance-metadata-options --instance-id "$id" --http-tokens optional --http-endpoint enabled
done
