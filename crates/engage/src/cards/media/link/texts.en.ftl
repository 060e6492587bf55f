link-title = Link
link-go = Go there
link-leads-to = Leads to
link-elsewhere = (opens in a new tab)
link-control-address = Address
link-control-label = What the button says
link-control-text = What awaits people there
