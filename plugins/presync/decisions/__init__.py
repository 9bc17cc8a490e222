"""What people decided about a company: answers, waivers and confirmed pairs."""
