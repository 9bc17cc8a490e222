"""What people read, in the customer's language: gettext catalogues, numbers and dates by CLDR."""
