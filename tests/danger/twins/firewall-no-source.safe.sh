gcloud compute firewall-rules create allow-ssh \
  --network=prod \
  --direction=INGRESS \
  --action=ALLOW \
  --rules=tcp:22 \
  --source-ranges=35.235.240.0/20
