"""What agents do to a case besides answering: notes, tags, snoozing, putting right what was taken wrongly."""
