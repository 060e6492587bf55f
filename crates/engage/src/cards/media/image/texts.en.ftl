image-title = Picture
image-elsewhere = (opens in a new tab)
image-control-image = Picture
image-control-caption = Caption
image-control-link = Where the button leads
image-control-link-label = What the button says
