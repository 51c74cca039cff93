"""Lists and photos as files, made in the background for whoever asked, from what they may see at that moment."""
