az network nsg rule create \
  --resource-group rg-jump \
  --nsg-name nsg-jump \
  --name AllowRdp \
  --priority 200 \
  --direction Inbound \
  --access Allow \
  --protocol Tcp \
  --source-address-prefixes 203.0.113.8/32 \
  --destination-port-ranges 3389
