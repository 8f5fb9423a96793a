resource "azurerm_role_definition" "runner" {
  name        = "pipeline-runner"
  scope       = data.azurerm_subscription.current.id
  description = "Used by the release pipeline"

  permissions {
    actions     = ["*"]
    not_actions = []
  }

  assignable_scopes = [data.azurerm_subscription.current.id]
}
