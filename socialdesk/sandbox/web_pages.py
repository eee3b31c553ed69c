"""The pages' templates and their one style sheet."""

from __future__ import annotations

BASE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{% block title %}Local X{% endblock %}</title>
<link rel="stylesheet" href="/sandbox/web/style.css">
</head>
<body>
<header><a href="/sandbox/web/">Local X</a> <span>a sandbox: nothing here leaves this machine</span></header>
<main>
{% block main %}{% endblock %}
</main>
</body>
</html>
"""

CARD = """\
{% macro card(shown) %}
<article class="post depth-{{ shown.depth }}{{ ' sought' if shown.is_sought }}" id="post-{{ shown.post.id }}">
  <div class="face colour-{{ shown.colour }}" aria-hidden="true">{{ shown.initial }}</div>
  <div class="body">
    <p class="by"><strong dir="auto">{{ shown.author.name }}</strong>
      {% if shown.author.verified %}<span class="tick" title="verified">✓</span>{% endif %}
      <span class="handle" dir="ltr">@{{ shown.author.handle }}</span> ·
      <a href="/sandbox/web/{{ shown.author.handle }}/status/{{ shown.post.id }}">
        {{- shown.post.created_at.strftime('%d %b %Y, %H:%M') }} UTC</a></p>
    {% if shown.answered %}
    <p class="answering">Replying to <bdi>{{ shown.carried.strip() or '@' + shown.answered.handle }}</bdi></p>
    {% endif %}
    <p class="words" dir="auto"{% if shown.post.lang != 'und' %} lang="{{ shown.post.lang }}"{% endif %}>
      {%- if shown.called %}<bdi>{{ shown.called }}</bdi>{% endif %}{{ shown.words -}}
    </p>
    <p class="below">{{ shown.replies }} {{ 'reply' if shown.replies == 1 else 'replies' }}
      {% if shown.post.id != shown.post.first_version %}· edited{% endif %}</p>
  </div>
</article>
{% endmacro %}
"""

TIMELINE = """\
{% extends "base.html" %}{% from "card.html" import card %}
{% block main %}
<h1>Timeline</h1>
{% for shown in cards %}{{ card(shown) }}{% else %}
<p class="empty">Nobody has posted anything yet.</p>
{% endfor %}
{% if users %}
<nav><h2>Direct messages of</h2>
{% for user in users %}<a href="/sandbox/web/messages/{{ user.handle }}">@{{ user.handle }}</a> {% endfor %}
</nav>
{% endif %}
{% endblock %}
"""

THREAD = """\
{% extends "base.html" %}{% from "card.html" import card %}
{% block title %}@{{ handle }} on Local X{% endblock %}
{% block main %}
<h1>Conversation</h1>
{% for shown in cards %}{{ card(shown) }}{% endfor %}
{% endblock %}
"""

MESSAGES = """\
{% extends "base.html" %}
{% block title %}Messages of @{{ user.handle }}{% endblock %}
{% block main %}
<h1>Direct messages of @{{ user.handle }}</h1>
{% for other, messages in conversations %}
<section class="conversation">
  <h2><bdi>{{ other.name }}</bdi> <span class="handle" dir="ltr">@{{ other.handle }}</span></h2>
  {% for message in messages %}
  <div class="message {{ 'own' if message.sender_id == user.id else 'theirs' }}">
    <p class="words" dir="auto">{{ message.text }}</p>
    <time datetime="{{ message.created_at.isoformat() }}">
      {{- message.created_at.strftime('%d %b, %H:%M') }} UTC</time>
  </div>
  {% endfor %}
</section>
{% else %}<p class="empty">No messages yet.</p>{% endfor %}
{% endblock %}
"""

MISSING = """\
{% extends "base.html" %}
{% block main %}
<h1>Not here</h1>
<p class="empty">This post or account does not exist, or was deleted.</p>
{% endblock %}
"""

PAGES = {
    "base.html": BASE,
    "card.html": CARD,
    "timeline.html": TIMELINE,
    "thread.html": THREAD,
    "messages.html": MESSAGES,
    "missing.html": MISSING,
}

STYLE = """\
:root { color-scheme: light dark; --ink: #14171a; --soft: #566370; --line: #e3e8ec; --page: #fff; 
  --tint: #f0f6fb; --link: #0a66b0; --own: #d9ecfb; }
@media (prefers-color-scheme: dark) { :root { --ink: #eef1f3; --soft: #9ba7b1; --line: #2d353c; 
  --page: #12171b; --tint: #1a232b; --link: #73bdf5; --own: #17405f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.45 system-ui, "Noto Sans", sans-serif; }
a { color: var(--link); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
header { position: sticky; top: 0; padding: .75rem 1rem; background: var(--page);
  border-bottom: 1px solid var(--line); }
header a { color: inherit; font-weight: 700; font-size: 1.1rem; }
header span, .handle, .answering, .below, .by a, time, .empty { color: var(--soft); font-size: .875rem; }
main { max-width: 42rem; margin: 0 auto; padding: 0 1rem 4rem; }
h1 { font-size: 1.3rem; }
h2 { font-size: 1rem; }
.post { display: flex; gap: .75rem; padding: .85rem .5rem; border-bottom: 1px solid var(--line); }
.post p { margin: 0; }
.sought { background: var(--tint); border-radius: .6rem; }
.depth-1 { margin-inline-start: 1.25rem; } .depth-2 { margin-inline-start: 2.5rem; }
.depth-3 { margin-inline-start: 3.75rem; } .depth-4 { margin-inline-start: 5rem; }
.depth-5 { margin-inline-start: 6.25rem; } .depth-6 { margin-inline-start: 7.5rem; }
.face { flex: none; width: 2.5rem; height: 2.5rem; border-radius: 50%; display: grid; place-items: center;
  color: #fff; font-weight: 700; }
.colour-0 { background: #8a3d6b; } .colour-1 { background: #2a6f97; } .colour-2 { background: #4a6b2a; }
.colour-3 { background: #9a4a1c; } .colour-4 { background: #4b4ba3; } .colour-5 { background: #1f7068; }
.colour-6 { background: #a03030; } .colour-7 { background: #6b5b1e; }
.body { flex: 1; min-width: 0; }
.tick { color: var(--link); font-weight: 700; }
.words { white-space: pre-wrap; overflow-wrap: anywhere; text-align: start; }
.post .words { margin: .2rem 0 .35rem; }
.conversation { border-bottom: 1px solid var(--line); padding-bottom: 1rem; }
.message { max-width: 80%; width: fit-content; margin: .5rem 0; padding: .5rem .8rem; border-radius: 1rem;
  background: var(--tint); }
.message p { margin: 0; }
.own { margin-inline-start: auto; background: var(--own); }
nav a { margin-inline-end: .75rem; }
@media (max-width: 30rem) { [class*="depth-"] { margin-inline-start: 0; } }
"""
