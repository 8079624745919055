/** What the editor starts with: a greeting, and a rest after it. */
export const sampleTree = {
  id: 'hello',
  name: 'Hello',
  start_event: { id: 'hello_start', name: '', type: 'EmptyStartEvent', incoming: '', outgoing: 'hello_start_to_greet' },
  end_event: { id: 'hello_end', name: '', type: 'EmptyEndEvent', incoming: ['rest_to_hello_end'], outgoing: '' },
  activities: {
    greet: {
      id: 'greet', name: 'Greet', type: 'ServiceActivity', incoming: ['hello_start_to_greet'], outgoing: 'greet_to_rest',
      component: { code: 'log', inputs: { message: { type: 'splice', value: 'hello, ${who}' } } },
    },
    rest: {
      id: 'rest', name: 'Rest', type: 'ServiceActivity', incoming: ['greet_to_rest'], outgoing: 'rest_to_hello_end',
      component: { code: 'sleep', inputs: { seconds: { type: 'plain', value: 2 } } },
    },
  },
  gateways: {},
  flows: {
    hello_start_to_greet: { id: 'hello_start_to_greet', source: 'hello_start', target: 'greet' },
    greet_to_rest: { id: 'greet_to_rest', source: 'greet', target: 'rest' },
    rest_to_hello_end: { id: 'rest_to_hello_end', source: 'rest', target: 'hello_end' },
  },
  data: { inputs: { '${who}': { type: 'plain', value: 'world' } }, outputs: ['${who}'] },
};
