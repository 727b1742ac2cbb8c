// mailauth's library loop (see bench/peers/__init__.py), without BIMI, which our corpus has none of.
// node mailauth_loop.mjs CORPUS SHARE PEERS: PEERS holds node_modules.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [place, share, peers] = [process.argv[2], Number(process.argv[3]), process.argv[4]];
const require = createRequire(join(resolve(peers), 'package.json'));
const { authenticate } = require('mailauth');
const { parseReceived } = require('mailauth/lib/parse-received');
const zone = JSON.parse(readFileSync(join(place, 'zone.mailauth.json'), 'utf8'));
const { messages } = JSON.parse(readFileSync(join(place, 'manifest.json'), 'utf8'));

const resolver = async (name, type) => {
    const found = zone[name.toLowerCase()]?.[type];
    if (!found) {
        throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
    }
    return found;
};

const judge = async entry => {
    const found = await authenticate(readFileSync(join(place, entry.file)), {
        ip: entry.ip,
        helo: entry.helo,
        sender: entry.mail_from === '<>' ? '' : entry.mail_from,
        mta: 'mx1.receiver.test',
        disableBimi: true,
        resolver
    });
    return {
        dkim: found.dkim.results.filter(one => one.signingDomain).map(one => [one.signingDomain, one.status.result === 'pass']),
        spf: found.spf.status.result,
        dmarc: found.dmarc ? found.dmarc.status.result : 'none',
        arc: found.arc.status.result
    };
};

// Header sections only, for the hop chain: `share` of 0 asks for it.
const traces = () =>
    messages.map(entry => {
        const raw = readFileSync(join(place, entry.file));
        const header = raw.subarray(0, raw.indexOf('\r\n\r\n') + 2).toString('binary');
        return header.split(/\r\n(?![ \t])/).filter(line => /^received:/i.test(line));
    });

const cpu = () => {
    const used = process.cpuUsage();
    return (used.user + used.system) / 1e6;
};

const versions = { mailauth: require('mailauth/package.json').version, node: process.versions.node };
if (share === 0) {
    const fields = traces();
    fields.forEach(lines => lines.map(parseReceived));
    const start = cpu();
    fields.forEach(lines => lines.map(parseReceived));
    console.log(JSON.stringify({ versions, cpu: cpu() - start, messages: fields.length }));
} else {
    const chosen = [...new Set(messages.map(entry => entry.class))].flatMap(name => {
        const some = messages.filter(entry => entry.class === name);
        return some.slice(0, Math.max(1, Math.round(some.length * share)));
    });
    await judge(chosen[0]);
    const verdicts = [];
    const [classes, kinds] = [{}, {}];
    const start = cpu();
    const wall = performance.now();
    for (const entry of chosen) {
        const before = cpu();
        verdicts.push(await judge(entry));
        const took = cpu() - before;
        for (const sum of [(classes[entry.class] ||= [0, 0]), (kinds[entry.kind] ||= [0, 0])]) {
            sum[0] += took;
            sum[1] += 1;
        }
    }
    const taken = { cpu: cpu() - start, wall: (performance.now() - wall) / 1000 };
    console.log(JSON.stringify({ versions, ...taken, classes, kinds, rss: process.resourceUsage().maxRSS * 1024, verdicts }));
}
