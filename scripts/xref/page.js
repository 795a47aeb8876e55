// SPDX-License-Identifier: GPL-2.0-only
// The page's own script: it only ever sets text, never markup.
(() => {
	'use strict';
	const { document } = globalThis;
	const nextFrame = (f) => globalThis.requestAnimationFrame(f);
	const data = JSON.parse(document.getElementById('data').textContent);
	const nav = document.querySelector('nav');
	const main = document.querySelector('main');
	const search = document.querySelector('input');
	const said = document.getElementById('said');
	const CHUNK = 300;
	const WORDS = {
		c: /^(?:if|else|for|while|do|switch|case|default|break|continue|return|goto|sizeof|typeof|struct|union|enum|const|static|inline|void|int|unsigned|long|short|char|bool|u8|u16|u32|u64|__be16|__be32|__u16|NULL|true|false)$/,
		ts: /^(?:if|else|for|while|do|switch|case|default|break|continue|return|const|let|class|interface|type|function|export|import|from|extends|new|this|null|undefined|true|false|number|boolean|string|void|readonly|get|set|as|of|in|instanceof|typeof)$/,
	};

	function el(name, cls, text) {
		const e = document.createElement(name);
		if (cls) e.className = cls;
		if (text !== undefined) e.textContent = text;
		return e;
	}

	/** One coloured line; a comment may be open from the line before. */
	function paint(line, text, language, open) {
		if (text.length > 2000) {
			line.append(text);
			return open;
		}
		const re =
			/\/\*.*?(?:\*\/|$)|\/\/.*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|\b\d[\w.]*|[A-Za-z_$][\w$]*|[^\w"'`/]+|./gy;
		if (open || /^\s*\* /.test(text)) {
			const end = text.indexOf('*/');
			line.append(el('span', 'c', end < 0 ? text : text.slice(0, end + 2)));
			if (end < 0) return open;
			re.lastIndex = end + 2;
		}
		for (let m = re.exec(text); m !== null; m = re.exec(text)) {
			const t = m[0];
			const c = t[0];
			if (t.startsWith('/*') || t.startsWith('//')) {
				line.append(el('span', 'c', t));
				if (t.startsWith('/*') && !t.endsWith('*/')) return true;
			} else if (t.length > 1 && (c === '"' || c === "'" || c === '`'))
				line.append(el('span', 's', t));
			else if (/\d/.test(c)) line.append(el('span', 'n', t));
			else if (WORDS[language].test(t)) line.append(el('span', 'k', t));
			else if (Object.hasOwn(data.places, t) && text[re.lastIndex] === '(') {
				const b = el('button', 'f', t);
				b.type = 'button';
				b.dataset.call = t;
				line.append(b);
			} else line.append(t);
		}
		return false;
	}

	/** Lines of code, a part at a time, so that a long one does not hold up the page. */
	function code(lines, language) {
		const pre = el('pre');
		pre.tabIndex = 0;
		let at = 0;
		let open = false;
		const more = () => {
			const part = document.createDocumentFragment();
			const end = Math.min(lines.length, at + CHUNK);
			for (; at < end; at++) {
				const l = lines[at];
				const div = el(
					'div',
					l.type === 'add' ? 'add' : l.type === 'del' ? 'del' : '',
				);
				if (l.type !== undefined)
					div.append(
						l.type === 'add'
							? '+'
							: l.type === 'del'
								? '-'
								: ' ',
					);
				open = paint(div, l.text, language, open);
				part.append(div);
			}
			pre.append(part);
			if (at < lines.length) nextFrame(more);
		};
		more();
		return pre;
	}

	function status(answer) {
		const s = el('span', answer.status.split(' ')[0], answer.status);
		return s;
	}

	/** The right side: a definition of the port. */
	function definition(place, answer) {
		const side = el('div', 'side ts');
		const head = el('p');
		const def = data.defs[place];
		if (answer) {
			head.append(status(answer), ' ', answer.as || answer.name, ' ');
		}
		head.append(el('code', '', place || 'nowhere'));
		if (answer?.reason) head.append(': ', answer.reason);
		side.append(head);
		for (const m of def?.marks ?? []) {
			const note = el('p', 'v3', `v3: ${m.text}`);
			for (const s of m.scenarios)
				note.append(` (${s}: ${data.scenarios[s] ?? 'unknown'})`);
			side.append(note);
		}
		if (def)
			side.append(
				code(
					def.text.split('\n').map((text) => ({ text })),
					'ts',
				),
			);
		return side;
	}

	function section(h) {
		const s = el('section');
		s.append(el('h3', '', `${h.path} -${h.old.join(',')} +${h.new.join(',')}`));
		if (h.what) s.append(el('div', '', h.what));
		const rows = h.rows.length > 0 ? h.rows : [{ name: '', lines: null, answer: null }];
		for (const r of rows) {
			const row = el('div', 'row');
			const left = el('div', 'side');
			left.append(el('p', '', r.name || 'file scope'));
			if (r.lines) left.append(code(r.lines, 'c'));
			else left.append(el('p', '', h.note));
			row.append(left);
			if (r.answer) row.append(definition(r.answer.place, r.answer));
			else row.append(el('div', 'side', ''));
			s.append(row);
		}
		return s;
	}

	let current = -1;
	let hunkAt = 0;
	let run = 0;
	function show(i) {
		if (i < 0 || i >= data.patches.length) return;
		current = i;
		hunkAt = 0;
		const p = data.patches[i];
		for (const b of nav.children)
			b.setAttribute('aria-current', String(Number(b.dataset.at) === i));
		nav.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' });
		main.replaceChildren(el('h2', '', `${p.number}: ${p.subject}`));
		main.scrollTop = 0;
		const mine = ++run;
		let k = 0;
		const more = () => {
			if (mine !== run) return;
			const until = performance.now() + 12;
			while (k < p.hunks.length && performance.now() < until)
				main.append(section(p.hunks[k++]));
			if (k < p.hunks.length) nextFrame(more);
			else said.textContent = `${p.hunks.length} hunks`;
		};
		more();
	}

	function moveHunk(by) {
		const all = main.querySelectorAll('section');
		if (all.length === 0) return;
		all[hunkAt]?.classList.remove('at');
		hunkAt = Math.max(0, Math.min(all.length - 1, hunkAt + by));
		all[hunkAt].classList.add('at');
		all[hunkAt].scrollIntoView({ block: 'start' });
	}

	/** A called function: its text where the page has it, its place otherwise. */
	function jump(name, from) {
		const place = data.places[name];
		const side = from.closest('.side');
		const row = from.closest('.row');
		const target = row?.querySelector('.ts') ?? side;
		const next = definition(place, {
			name,
			status: 'ported',
			place,
			as: '',
			reason: '',
		});
		const back = el('button', 'f', '\u2190 ');
		back.type = 'button';
		back.title = 'back';
		back.addEventListener('click', () => next.replaceWith(target));
		next.firstChild.prepend(back);
		target.replaceWith(next);
		said.textContent = `${name}: ${place}`;
		back.focus();
	}

	function list(query) {
		const q = query.trim().toLowerCase();
		nav.replaceChildren();
		data.patches.forEach((p, i) => {
			const hits =
				q === ''
					? []
					: p.hunks.filter((h) =>
							(
								h.path +
								' ' +
								h.rows.map((r) => r.name).join(' ')
							)
								.toLowerCase()
								.includes(q),
						);
			if (
				q !== '' &&
				hits.length === 0 &&
				!`${p.number} ${p.subject}`.toLowerCase().includes(q)
			)
				return;
			const b = el('button', '', `${p.number} ${p.subject}`);
			b.type = 'button';
			b.dataset.at = String(i);
			b.append(
				el('br'),
				el(
					'small',
					'',
					hits.length > 0
						? `${hits.length} of ${p.hunks.length} hunks`
						: `${p.hunks.length} hunks`,
				),
			);
			b.setAttribute('aria-current', String(i === current));
			nav.append(b);
		});
		if (nav.children.length === 0) nav.append(el('p', '', 'nothing found'));
	}

	nav.addEventListener('click', (e) => {
		const b = e.target.closest('button');
		if (b) show(Number(b.dataset.at));
	});
	main.addEventListener('click', (e) => {
		const name = e.target.dataset?.call;
		if (name) jump(name, e.target);
	});
	search.addEventListener('input', () => list(search.value));
	document.addEventListener('keydown', (e) => {
		if (e.ctrlKey || e.metaKey || e.altKey) return;
		if (e.target === search) {
			if (e.key === 'Escape') {
				search.value = '';
				list('');
				search.blur();
			} else if (e.key === 'Enter') {
				nav.querySelector('button')?.click();
				search.blur();
			}
			return;
		}
		const step = { j: 1, k: -1 }[e.key];
		if (step) show(current + step);
		else if (e.key === 'n') moveHunk(1);
		else if (e.key === 'p') moveHunk(-1);
		else if (e.key === '/') {
			e.preventDefault();
			search.focus();
		} else return;
	});
	list('');
	show(0);
	document.body.dataset.ready = 'true';
})();
