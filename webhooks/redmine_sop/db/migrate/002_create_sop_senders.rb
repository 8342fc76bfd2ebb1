# frozen_string_literal: true

# Who sent the mail that became an issue.
class CreateSopSenders < ActiveRecord::Migration[6.1]
  def change
    create_table :sop_senders do |t|
      t.integer :issue_id, null: false
      t.string :mail, null: false, limit: 255
      t.string :name, null: false, default: '', limit: 255
    end
    add_index :sop_senders, :issue_id, unique: true
  end
end
