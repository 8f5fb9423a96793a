param location string = resourceGroup().location

@secure()
param adminPassword string

resource server 'Microsoft.Sql/servers@2023-08-01-preview' = {
  name: 'sql-acme-crm'
  location: location
  properties: {
    administratorLogin: 'crmadmin'
    administratorLoginPassword: adminPassword
    minimalTlsVersion: '1.2'
    publicNetworkAccess: 'Disabled'
  }
}
