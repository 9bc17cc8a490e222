"""What people may see of a text: secrets masked, invisible characters written out."""
