// A public client of Braze's API, as it comes from its registry, works against the sandbox unchanged.
// Promises that every kind of call it makes is answered as it expects. Leaves the rules behind the answers to the sandbox's own tests.

import { Braze } from 'braze-api';
import { expect, newEmail, test } from '../src/test.ts';

test('a public client writes, reads, joins and deletes people', async ({ demo }) => {
  const braze = new Braze(demo.sandbox, 'demo-braze-key');
  const email = newEmail('client');
  const external_id = `id-${email}`;
  const tracked = await braze.users.track({
    attributes: [{ external_id, email, first_name: 'Ada', tastes: { add: ['fig'] } }],
    events: [{ external_id, name: 'tasted', time: new Date().toISOString(), properties: { flavour: 'fig' } }],
    purchases: [{ external_id, product_id: 'box', currency: 'EUR', price: 9.5, time: new Date().toISOString() }],
  });
  expect(tracked).toMatchObject({ message: 'success', attributes_processed: 1, events_processed: 1, purchases_processed: 1 });
  const fields_to_export = ['external_id', 'email', 'custom_attributes', 'custom_events', 'purchases', 'user_aliases'] as const;
  const read = await braze.users.export.ids({ external_ids: [external_id], fields_to_export: [...fields_to_export] });
  expect(read.users[0]).toMatchObject({ external_id, email, custom_attributes: { tastes: ['fig'] } });

  const alias = { alias_name: email, alias_label: 'visitor' };
  expect(await braze.users.alias.new({ user_aliases: [alias] })).toMatchObject({ message: 'success' });
  const joined = await braze.users.identify({ aliases_to_identify: [{ external_id, user_alias: alias }] });
  expect(joined).toMatchObject({ message: 'success', aliases_processed: 1 });
  const known = await braze.users.export.ids({ external_ids: [external_id], fields_to_export: [...fields_to_export] });
  expect(known.users[0]).toMatchObject({ user_aliases: [alias] });
  expect(await braze.users.delete({ external_ids: [external_id] })).toMatchObject({ message: 'success', deleted: 1 });
  const gone = await braze.users.export.ids({ external_ids: [external_id], fields_to_export: [...fields_to_export] });
  expect(gone.users).toEqual([]);
});

test('a public client publishes designs and sends', async ({ demo }) => {
  const braze = new Braze(demo.sandbox, 'demo-braze-key');
  const name = newEmail('design').replace(/[^a-z0-9]/g, '_');
  const block = await braze.templates.content_blocks.create({ name, content: '<p>Hello</p>', tags: [] });
  expect(block).toMatchObject({ message: 'success' });
  const template = await braze.templates.email_templates.create({
    template_name: name,
    subject: 'Hello',
    body: `<html><body>{{content_blocks.\${${name}}}}</body></html>`,
  });
  expect(template).toMatchObject({ message: 'success' });
  const listed = await braze.templates.email_templates.list({ limit: 100 } as never);
  expect(listed.templates.map((it) => it.template_name)).toContain(name);

  const email = newEmail('recipient');
  const sent = await braze.campaigns.trigger.send({
    campaign_id: 'a-campaign',
    recipients: [{ external_user_id: email, send_to_existing_only: false, attributes: { email } }],
  } as never);
  expect(sent).toMatchObject({ message: 'success', dispatch_id: expect.any(String) });
});

test('a public client is told what is wrong', async ({ demo }) => {
  const time = new Date().toISOString();
  const event = { external_id: 'somebody', name: 'tasted', time };
  await expect(new Braze(demo.sandbox, 'another-key').users.track({ events: [event] })).rejects.toMatchObject({ status: 401 });
  const braze = new Braze(demo.sandbox, 'demo-braze-key');
  const many = Array.from({ length: 76 }, () => event);
  await expect(braze.users.track({ events: many })).rejects.toMatchObject({ status: 400, message: 'Max Input Length Exceeded' });
  const partly = await braze.users.track({ events: [event, { name: 'tasted', time } as never] });
  expect(partly).toMatchObject({ message: 'success', events_processed: 1, errors: [{ input_array: 'events', index: 1 }] });
});
