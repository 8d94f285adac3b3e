"""Messages to other systems, kept until they are delivered: signed webhooks."""
