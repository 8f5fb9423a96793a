az network nsg rule create \
  --resource-group rg-jump \
  --nsg-name nsg-jump \
  --name AllowRdp \
  --priority 200 \
  --direction Inbound \
  --access Allow \
  --protocol Tcp \
  --source-address-prefixes Internet \
  --destination-port-ranges 3389
