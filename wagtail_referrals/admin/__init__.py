"""Every admin screen. Views here show and call verbs; they hold no rule of their own."""
