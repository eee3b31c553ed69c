"""socialdesk: a self-hosted support desk for an account on X."""
