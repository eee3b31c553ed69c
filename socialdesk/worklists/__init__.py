"""What agents work from: lists of cases, which comes next, who is at one, and many changed together."""
