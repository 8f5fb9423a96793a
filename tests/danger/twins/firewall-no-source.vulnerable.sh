gcloud compute firewall-rules create allow-ssh \
  --network=prod \
  --direction=INGRESS \
  --action=ALLOW \
  --rules=tcp:22
