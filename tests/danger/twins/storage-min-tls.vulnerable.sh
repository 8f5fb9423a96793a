az storage account update \
  --name acmearchive \
  --resource-group rg-archive \
  --https-only true \
  --min-tls-version TLS1_0
