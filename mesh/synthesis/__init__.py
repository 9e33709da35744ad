"""From the model to Terraform code on disk: kept code, or code that processes of cdktf write."""
