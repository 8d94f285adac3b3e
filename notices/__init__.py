"""Who asked to be told of planned outages, with consent."""
